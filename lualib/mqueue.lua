-- The older name of skynet.mqueue.
return require "skynet.mqueue"
