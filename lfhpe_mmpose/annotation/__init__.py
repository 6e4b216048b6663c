"""Tag files: planning the questions, importing answers, checking, editing and preparing data."""
