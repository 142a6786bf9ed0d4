-- The older name of skynet.db.mysql.
return require "skynet.db.mysql"
