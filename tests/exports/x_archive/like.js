window.YTD.like.part0 = [ {"like":{"tweetId":"1900000000000000103","fullText":"a = [b]"}} ]
