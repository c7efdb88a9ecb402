"""Vendor analytics and Xiaohongshu give what is written beside them. Skipped where the files are not."""

from tests.exports_tables.test_fixtures import deliver
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]

PROFILES = """
[[source]]
files = "insight_profiles.json"
format = "json"
constants = { source = "vendor" }

[[source.load]]
dataset = "accounts"
columns.platform = "work_platform.name"
columns.account_id = "profile.external_id"
columns.username = "profile.platform_username"
columns.followers_count = "profile.follower_count"
columns.country = "profile.location.country"

[[source.load]]
dataset = "accounts"
each = "profile.reputation_history[]"
columns.platform = "work_platform.name"
columns.account_id = "profile.external_id"
columns.followers_count = ".follower_count"
columns.observed_at = { from = ".month", date_format = "%Y-%m", time_zone = "UTC" }

[[source.load]]
dataset = "published_metrics"
columns.platform = "work_platform.name"
columns.account_id = "profile.external_id"
columns.metric = { value = "like_rate_by_followers" }
columns.value = "profile.engagement_rate"
columns.unit = { value = "ratio" }

[[source.load]]
dataset = "published_metrics"
each = "profile.average_likes"
columns.platform = "work_platform.name"
columns.account_id = "profile.external_id"
columns.metric = { value = "like_count_mean" }
columns.value = "."
columns.unit = { value = "count" }

[[source.load]]
dataset = "rates"
each = "pricing.post_type.reels.price_range"
columns.platform = "work_platform.name"
columns.account_id = "profile.external_id"
columns.media_type = { value = "reel" }
columns.price_min = ".min"
columns.price_max = ".max"
columns.currency = "pricing.currency"

[[source.load]]
dataset = "rates"
each = "pricing.post_type.story.price_range"
columns.platform = "work_platform.name"
columns.account_id = "profile.external_id"
columns.media_type = { value = "story" }
columns.price_min = ".min"
columns.price_max = ".max"
columns.currency = "pricing.currency"

[[source]]
files = "reach_profile.json"
format = "json"
constants = { platform = "instagram" }

[[source.load]]
dataset = "accounts"
columns.account_id = "profile.userId"
columns.username = "profile.profile.username"
columns.followers_count = "profile.profile.followers"

[[source.load]]
dataset = "published_metrics"
columns.account_id = "profile.userId"
columns.metric = { value = "engagement_rate_by_followers" }
columns.value = "profile.profile.engagementRate"
columns.unit = { value = "ratio" }
"""


def test_vendor_profiles(delivery: Delivery) -> None:
    deliver(delivery, "vendor_json", "insight_profiles.json", "reach_profile.json", declared=PROFILES)
    assert delivery.rejects() == []
    assert delivery.accounts() == {"17841400000000501": 50000, "17841400000000503": 8000, "500000000007": 3_135_000}
    history = delivery.rows(
        "SELECT strftime(observed_at, '%Y-%m') AS month, followers_count FROM account_snapshots "
        "WHERE account_id = '17841400000000501' AND observed_at IS NOT NULL ORDER BY month"
    )
    assert [tuple(row.values()) for row in history] == [("2024-12", 49000), ("2025-01", 50000)]
    figures = delivery.rows("SELECT account_id, value FROM published_metrics WHERE unit = 'ratio' ORDER BY account_id")
    assert [tuple(row.values()) for row in figures] == [
        ("17841400000000501", 4200 / 50000),
        ("17841400000000503", 15320 / 8000),
        ("500000000007", 0.00273652312599681),
    ]
    odd = delivery.rows("SELECT account_id, detail FROM data_quality WHERE issue = 'published_rate_above_one'")
    assert odd == [{"account_id": "17841400000000503", "detail": "like_rate_by_followers is published as 1.915"}]
    assert float(figures[2]["value"]) == 8579 / 3_135_000
    rates = delivery.rows("SELECT media_type, price, price_min, price_max, currency FROM rates ORDER BY media_type")
    assert [tuple(row.values()) for row in rates] == [
        ("reel", None, 569, 854, "USD"),
        ("story", None, 332, 498, "USD"),
    ]


CREATORS = """
[[source]]
files = "creators.csv"
constants = { platform = "instagram" }

[[source.load]]
dataset = "accounts"
columns.account_id = { from = "Profile Url", key = "handle" }
columns.username = "Username"
columns.display_name = "Full Name"
columns.followers_count = "Follower Count"
columns.is_verified = "Verified"
columns.country = "Creator Country"

[[source.load]]
dataset = "published_metrics"
columns.account_id = { from = "Profile Url", key = "handle" }
columns.metric = { value = "engagement_rate" }
columns.value = { from = "Engagement Rate", number = "percent" }
columns.unit = { value = "ratio" }
"""


def test_vendor_creators(delivery: Delivery) -> None:
    deliver(delivery, "vendor_json", "creators.csv", declared=CREATORS)
    assert delivery.rejects() == []
    assert delivery.accounts() == {"marlow.demo": 50000, "kestrel.demo": 3_135_000}
    figures = delivery.rows("SELECT account_id, value FROM published_metrics ORDER BY account_id")
    assert [tuple(row.values()) for row in figures] == [("kestrel.demo", 0.0027), ("marlow.demo", 0.084)]
    stored = b"".join(path.read_bytes() for path in delivery.home.rglob("*") if path.is_file())
    assert b"redacted" not in stored


def test_vendor_rates_of_both_kinds_are_not_read_undeclared(delivery: Delivery) -> None:
    deliver(delivery, "vendor_json", "creators.csv", declared=CREATORS.replace(', number = "percent"', ""))
    rejects = delivery.rejects()
    assert [(row["value"], row["rule"]) for row in rejects] == [
        ("8.4", "value: a bare number among percentages"),
        ("0.27%", "value: not a number"),
    ]
    assert 'if 8.4 means 8.4 %, declare number = "percent"' in rejects[0]["fix"]
    assert delivery.rows("SELECT * FROM published_metrics") == []


XIAOHONGSHU = """
[[source]]
files = "creators.json"
format = "json"
number = "words"
constants = { platform = "xiaohongshu", currency = "CNY", source = "vendor" }

[[source.load]]
dataset = "accounts"
columns.account_id = "redId"
columns.display_name = "name"
columns.followers_count = "fansNum | fansCount"
columns.niche = "contentTags[].taxonomy1Tag | contentTags[].taxonomy2Tags[]"

[[source.load]]
dataset = "published_metrics"
each = "likeCollectCountInfo"
columns.account_id = "redId"
columns.metric = { value = "like_and_save_count" }
columns.value = "."
columns.unit = { value = "count" }

[[source.load]]
dataset = "rates"
columns.account_id = "redId"
columns.media_type = { value = "picture" }
columns.price = { from = "picturePrice", null_words = ["0"] }

[[source.load]]
dataset = "rates"
columns.account_id = "redId"
columns.media_type = { value = "video" }
columns.price = { from = "videoPrice", null_words = ["0"] }

[[source]]
files = "price_list.csv"
number = "words"
constants = { platform = "xiaohongshu", currency = "CNY" }

[[source.load]]
dataset = "accounts"
columns.account_id = "小红书ID"
columns.display_name = "昵称"
columns.followers_count = "粉丝数"
columns.niche = "类目标签"

[[source.load]]
dataset = "rates"
columns.account_id = "小红书ID"
columns.price = { from = "报价", request_words = ["面议"] }
"""


def test_xiaohongshu(delivery: Delivery) -> None:
    deliver(delivery, "xiaohongshu", "creators.json", "price_list.csv", declared=XIAOHONGSHU)
    assert delivery.rejects() == []
    assert delivery.accounts() == {"100000001": 23000, "demo_mei": 12500}
    niches = delivery.rows("SELECT account_id, niche, niche_raw FROM accounts ORDER BY account_id")
    assert [row["niche"] for row in niches] == ["美食", "美妆"]
    assert niches[1]["niche_raw"] == "美妆;护肤"
    assert delivery.rows("SELECT account_id, value FROM published_metrics") == [
        {"account_id": "100000001", "value": 15000}
    ]
    rates = delivery.rows("SELECT account_id, media_type, price, currency, compensation FROM rates ORDER BY ALL")
    assert [tuple(row.values()) for row in rates] == [
        ("100000001", "picture", 3500, "CNY", "cash"),
        ("100000001", "video", 5200, "CNY", "cash"),
        ("100000001", None, 3500, "CNY", "cash"),
        ("demo_mei", "picture", None, "CNY", "cash"),
        ("demo_mei", "video", None, "CNY", "cash"),
        ("demo_mei", None, None, "CNY", "on_request"),
    ]


def test_niches_of_the_document_alone(delivery: Delivery) -> None:
    deliver(delivery, "xiaohongshu", "creators.json", declared=XIAOHONGSHU)
    niches = delivery.rows("SELECT niche, niche_raw FROM accounts ORDER BY account_id")
    assert [tuple(row.values()) for row in niches] == [("美食", "美食, 茶饮"), ("unknown", None)]
