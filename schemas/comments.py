"""Comments: who commented on which post, as delivered."""

from schemas.columns import Instant, Table, column


class Comments(Table):
    """One row per comment on a post."""

    platform: str = column("Network the post is on, lower case", "label", key=True)
    post_id: str = column("The post that is commented on", "id", key=True)
    comment_id: str = column("The platform's id of the comment", "id", nullable=True, key=True)
    commenter_id: str = column("The account that comments; personal data, never leaves the lake", "id", key=True)
    commented_at: Instant = column("When it was written", "instant", nullable=True)
