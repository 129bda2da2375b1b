"""The data plan: goals, metrics, principles, focal points and the steps they propose."""
