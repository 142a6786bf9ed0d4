-- The older name of skynet.harbor.
return require "skynet.harbor"
