-- The older name of skynet.multicast.
return require "skynet.multicast"
