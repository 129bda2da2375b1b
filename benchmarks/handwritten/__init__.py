"""The statements that a skilled person writes by hand for one nested page: what compiled ones are measured against."""
