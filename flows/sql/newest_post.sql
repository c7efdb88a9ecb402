SELECT max(published_at) FROM posts
