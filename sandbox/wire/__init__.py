"""How calls are carried and checked: HTTP, SOAP and JSON bodies, webhooks; what can be made to go wrong with them."""
