"""What the reward model knows of people: beside baselines, taken apart, explained."""
