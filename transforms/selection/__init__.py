"""Which of many candidates to take for a budget, and how much more the best set could bring."""
