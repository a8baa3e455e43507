"""A risk of suicide, until a human has said that they act (policy-suicid-1); others ask `standing_risks`."""
