"""Links to patients, and the logins that they lead to; staff's login uses the same round trip."""
