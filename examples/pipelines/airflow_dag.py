"""Airflow 3: train, diagnose, publish. gate.sh lies beside this file; the service and its key are an Airflow connection."""

from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

GATE = Path(__file__).resolve().with_name("gate.sh")
LOG = "/data/{{ run_id }}/metrics.csv"

with DAG("train_and_publish", schedule=None, catchup=False) as dag:
    train = BashOperator(task_id="train", bash_command=f"python /srv/train.py --log '{LOG}'")
    diagnose = BashOperator(
        task_id="diagnose",
        bash_command=f"sh '{GATE}' '{LOG}'",
        env={
            "DIAGNOSIS_URL": "http://{{ conn.curve_diagnosis.host }}:{{ conn.curve_diagnosis.port }}",
            "DIAGNOSIS_KEY": "{{ conn.curve_diagnosis.password or '' }}",
        },
        append_env=True,  # PATH, and the variables of a proxy
        skip_on_exit_code=2,  # could not judge: what follows is skipped, and the run does not count as failed
    )
    publish = BashOperator(task_id="publish", bash_command="python /srv/publish.py")

    train >> diagnose >> publish
