"""The ways in over HTTP: requests -> the answerer -> the contract's JSON and events."""
