"""What the name of a column may mean: synonyms in the languages exports come in, and the columns of every known table."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from ingest.vendor_tables.registry import known_tables
from schemas.platforms import PLATFORMS
from schemas.visible import visible_name, without_accents

SIMILAR_MIN = 0.88
# What is counted or said, by the canonical column or, of figures that are published, by what is claimed.
SYNONYMS = {
    "platform": "platform, network, social network, channel type, plattform, netzwerk, plataforma, rede, red social, reseau, plateforme",
    "account_id": "account id, accountid, user id, userid, owner id, profile id, channel id, page id, ig id, author id, "
    "creator id, influencer id, id do usuario, benutzer id, identyfikator konta, hesap no, hesap kimligi",
    "username": "username, user name, handle, account, account name, owner, owner username, author, profile, profile link, profile url, "
    "screen name, user, insta name, instagram handle, nutzername, benutzername, kanal, konto, usuario, usuaria, cuenta, conta, perfil, "
    "pseudo, compte, utente, account handle, influencer, creator, channel, channel name, youtuber, tiktoker, streamer, instagrammer, "
    "kol, kol name, influencer name, creator name, blogger, blogger name, talent, "
    "influencer insta name, ユーザー名, nazwa uzytkownika, nazwa uzytkownika konta, kullanici adi, hesap kullanici adi, アカウント, 用户名, 账号",
    "display_name": "display name, name, full name, fullname, real name, vollstandiger name, nombre, nome, nom, nome completo, "
    "nombre completo, title, channel title, 名前, 昵称",
    "followers_count": "followers, follower, follower count, followers count, followercount, number of followers, followers no, fans, "
    "fan count, subscribers, subscriber count, subs, subscriber, subscribers count, audience size, seguidores, abonnenten, abonnes, "
    "iscritti, volgers, obserwujacy, suscriptores, inscritos, takipci, takipciler, \u043f\u0456\u0434\u043f\u0438\u0441\u043d\u0438\u043a\u0438, \u043f\u043e\u0434\u043f\u0438\u0441\u0447\u0438\u043a\u0438, フォロワー, フォロワー数, 粉丝, 粉丝数, 팔로워",
    "follows_count": "following, following count, follows, follows count, seguindo, siguiendo, abonnements, folgt, gefolgt, seguiti",
    "media_count": "posts, post count, posts count, number of posts, media count, uploads, video count, videos, publicacoes, "
    "publicaciones, beitrage, publications, 投稿数",
    "niche": "niche, category, categories, topic, topics, main topic, genre, interest, interests, vertical, industry, kategorie, thema, "
    "categoria, nicho, tema, categorie, theme, settore, カテゴリ, 分类",
    "country": "country, country code, land, pais, pays, paese, audience country, country of origin, 国",
    "is_verified": "verified, is verified, verifiziert, verificado, verifie",
    "post_id": "post id, postid, media id, mediaid, video id, videoid, tweet id, tweetid, content id, shortcode, short code, item id, "
    "pin id, id, aweme id, video, content, beitrags id, id de la publication, identificador, "
    "identyfikator posta, identyfikator publikacji, id posta, gonderi no, gonderi kimligi",
    "post_link": "post url, url, link, permalink, post link, link to post, link to video, post address, video address, video url, tweet url, tweet link, media url, video link, links, "
    "beitrag link, enlace, lien, webvideourl, share url, post permalink",
    "published_at": "published at, published, publish time, publish date, date published, posted, posted at, post date, created at, "
    "create time, createtime, created time, timestamp, taken at, upload date, video publish time, post created, time published, "
    "veroffentlicht, veroffentlichungszeitpunkt, datum, data de publicacao, fecha de publicacion, heure de publication de la video, "
    "date de publication, date posted, taken at timestamp, createtimeiso, 投稿日, 发布时间, publication date, "
    "czas publikacji, data publikacji, godzina publikacji, yayinlanma zamani, yayinlanma tarihi",
    "observed_at": "observed at, date, day, seen, seen at, seen on, last seen, as of, snapshot, scraped at, collected at, fetched at, retrieved at, captured at, stand, "
    "crawl date, trending date, month, snapshot date, crawled at, tag, fecha, data, monat, emitted at, datum der erhebung",
    "media_type": "media type, type, post type, content type, format, mediatype, beitragstyp, tipo, typ, product type, type de publication, typ posta, gonderi turu",
    "caption": "caption, text, description, post text, message, content text, tweet, tweet text, beschreibung, legenda, descripcion, "
    "legende, full text, video title, desc, body, post content, video description, videotitel, titre de la video, titulo do video, opis, aciklama",
    "like_count": "likes, like count, likes count, like, number of likes, digg count, diggcount, favorites, favourites, favorite count, "
    "favorites count, hearts, reactions, total likes, gefallt mir angaben, gefallt mir, mag ich bewertungen, curtidas, me gusta, "
    "j aime, mi piace, polubienia, begeni, begeniler, begenmeler, likecount, いいね, いいね数, 点赞数, 点赞, лайки, post likes",
    "comment_count": "comments, comment count, comments count, number of comments, replies, reply count, commentcount, kommentare, "
    "comentarios, commentaires, commenti, reacties, komentarze, yorum, yorumlar, comments added, コメント, コメント数, 评论数, 评论, total comments, post comments",
    "view_count": "views, view count, views count, plays, play count, video views, playcount, video view count, viewcount, aufrufe, "
    "visualizacoes, visualizaciones, vues, visualizzazioni, weergaven, wyswietlenia, goruntulenme, goruntulemeler, 再生回数, 播放量, просмотры, video plays",
    "share_count": "shares, share count, retweets, retweet count, reposts, sharecount, geteilte inhalte, compartilhamentos, "
    "compartidos, partages, condivisioni, number of shares, 分享数, シェア, udostepnienia, paylasimlar",
    "save_count": "saves, save count, saved, bookmarks, bookmark count, collects, collect count, collectcount, gespeichert, "
    "salvamentos, guardados, enregistrements, salvataggi, 收藏数, 保存数, zapisane, zapisania, kaydetmeler",
    "reach_count": "reach, reached, accounts reached, people reached, post reach, reichweite, alcance, couverture, copertura, bereik, リーチ, zasieg, erisim",
    "is_sponsored": "sponsored, is sponsored, paid partnership, is paid partnership, is ad, ad, werbung, patrocinado, sponsorise",
    "price": "price, rate, cost, fee, price per post, cost per post, cost per image, cost per video, rate per post, post price, "
    "preis, preco, precio, prix, prezzo, prijs, budget, asking price, quote, rate card, honorar, tarif, tarifa, fiyat, 报价, 料金, cost usd, price usd",
    "price_min": "min price, price min, price from, rate from, lowest price, preis ab",
    "price_max": "max price, price max, price to, rate to, highest price, preis bis",
    "currency": "currency, wahrung, moeda, moneda, devise, valuta, 通貨",
    "quoted_on": "quoted on, quoted, quoted at, day of quote, quote date, price date, valid from, angebot vom",
    "engagement_rate": "engagement rate, er, eng rate, eng rate 60 days, engagement, avg engagement rate, engagement rate percent, "
    "60 day eng rate, engagement quote, taxa de engajamento, tasa de interaccion, taux d engagement, tasso di engagement, "
    "engagementrate, エンゲージメント率, 互动率, avg er, overall engagement",
    "like_count_mean": "avg likes, average likes, likes avg, mean likes, avg like, durchschnittliche likes, media de curtidas, promedio de likes",
    "comment_count_mean": "avg comments, average comments, comments avg, mean comments, durchschnittliche kommentare",
    "view_count_mean": "avg views, average views, views avg, mean views, avg video views, reel views avg",
    "follower_id": "follower id, follower, follower username, follower name, follower handle, fan id, seguidor id",
    "brand": "brand, brand name, client, marke, marca, marque, marchio, merk",
    "alias": "alias, aliases, also known as, other name, other names",
    "liker_id": "liker id, liker, liked by, liker username, user who liked",
    "commenter_id": "commenter id, commenter, commenter username, comment author, comment user id",
}
# Letters that are no letter and its accent to Unicode: the Turkish i without a dot, the Polish l with its stroke.
NO_ACCENT = str.maketrans("\u0131\u0142", "il")
OF_A_PROFILE = ("", "name", "handle", "link", "url", "profile", "account", "username", "page", "channel")


@dataclass(frozen=True)
class Meaning:
    """What a column may hold: the canonical column, and the platform that its name speaks of."""

    column: str | None
    platform: str | None


def plain(name: str) -> str:
    """A name in lower-case words without accents: `likeCount (total)` and `Like_count` become `like count` and more."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", visible_name(name).translate(NO_ACCENT))
    bare = without_accents(apart).lower()
    words = " ".join(re.sub(r"\([^)]*\)|[^\w%]|_", " ", bare).replace("%", " percent ").split())
    return re.sub(r"\b(tik|you|linked) (tok|tube|in)\b", r"\1\2", words)


@cache
def meanings() -> dict[str, str]:
    """Every known name, in plain words, with the canonical column it stands for; ours before those of the tables."""
    own = {plain(name): column for column, names in SYNONYMS.items() for name in names.split(", ")}
    theirs = {
        plain(one.source): column
        for table in known_tables()
        for load in table.load
        if load.dataset in ("accounts", "posts")
        for column, readings in load.columns.items()
        for one in readings
        if one.source and not one.key and not one.part and column in SYNONYMS
    }
    return {**theirs, **own}


def meaning_of(name: str) -> Meaning:
    """What a column is called after; nothing where no known name is like it."""
    words = plain(name).split(" ")
    platform = next((p for p, signs in PLATFORMS.items() if any(word in signs for word in words)), None)
    rest = " ".join(word for word in words if not platform or word not in PLATFORMS[platform])
    known = meanings()
    if platform and rest in OF_A_PROFILE:
        return Meaning("username", platform)  # a column called `Instagram` holds who somebody is there
    for phrase in (" ".join(words), rest):
        if phrase in known:
            return Meaning(known[phrase], platform)
    close = get_close_matches(rest, list(known), 1, SIMILAR_MIN) if len(rest) > 4 else []
    return Meaning(known[close[0]] if close else None, platform)


def platform_in(text: str) -> str | None:
    """The one platform that a name of a file speaks of."""
    words = set(plain(re.sub(r"[-_./]", " ", text)).split())
    found = [p for p, signs in PLATFORMS.items() if words & {sign for sign in signs if sign != "x"}]
    return found[0] if len(found) == 1 else None
