"""Two records as faults/ writes them: a run that overfits, and the same run called healthy."""

from diagnosis.synthetic import falling, turning

RECORD = {
    "name": "overfits",
    "group": None,
    "expected_across": None,
    "task": "digits",
    "fault": "overfitting",
    "expected": ["overfitting"],
    "tolerated": [],
    "history": {"loss": falling().tolist(), "val_loss": turning().tolist()},
    "context": {"steps_per_epoch": 10, "planned_epochs": 60, "finished": True, "unheard_of": 1},
    "truth": {"test_loss": turning(noise=0.0).tolist(), "initial_loss": 2.3},
}
HEALTHY = {**RECORD, "name": "healthy", "fault": "healthy", "expected": []}
