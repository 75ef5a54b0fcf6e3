"""The wire: what a request may say and what an answer says, as pydantic models; imports the engine, never the web."""
