-- The older name of skynet.cluster.
return require "skynet.cluster"
