-- driver.lua WORKLOAD REPETITIONS: runs the function that the workload's file returns.
unpack = unpack or table.unpack
local file, repetitions = ...
file, repetitions = file or arg[1], tonumber(repetitions or arg[2])
local run = dofile(file)
for _ = 1, repetitions do run() end
