"""What office programs and makers of e-books write: archives of XML."""
