"""Networks by name, and what else people call them at the head of a column."""

PLATFORMS = {
    "instagram": ("instagram", "ig", "insta"),
    "tiktok": ("tiktok", "tt", "tik tok"),
    "youtube": ("youtube", "yt"),
    "facebook": ("facebook", "fb"),
    "x": ("twitter", "x", "tweet", "tweets"),
    "threads": ("threads",),
    "linkedin": ("linkedin",),
    "pinterest": ("pinterest",),
    "twitch": ("twitch",),
    "snapchat": ("snapchat",),
}
PLATFORM_OF = {sign: platform for platform, signs in PLATFORMS.items() for sign in signs}
