"""Teaching the router: sentences in, a model of app.rules.router_model out. The only room that knows scikit-learn."""
