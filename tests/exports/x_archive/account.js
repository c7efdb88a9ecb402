window.YTD.account.part0 = [ {"account":{"accountId":"9200000000000000001","username":"oat"}} ]
