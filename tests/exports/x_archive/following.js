window.YTD.following.part0 = [ {"following":{"accountId":"9200000000000000015"}} ]
