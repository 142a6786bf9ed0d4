-- The older name of skynet.sharedata.
return require "skynet.sharedata"
