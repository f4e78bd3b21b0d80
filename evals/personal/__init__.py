"""`vitrine eval personalization`: is what the prior samples personal, and what is it worth?"""
