-- Coroutines inside of a service's tasks. A coroutine that waits in a function of skynet or of a socket makes its task wait,
-- not whoever resumed it go on; its status is "blocked" then.
local skynetco = {}

local known = setmetatable({}, { __mode = "k" }) -- coroutines made here: true, or false while they are active
local caller = setmetatable({}, { __mode = "k" }) -- who resumed a coroutine last
local task = setmetatable({}, { __mode = "k" }) -- the task's own coroutine, of one made here

skynetco.running = coroutine.running
skynetco.isyieldable = coroutine.isyieldable
skynetco.yield = coroutine.yield

function skynetco.create(f)
	local co = coroutine.create(f)
	known[co] = true
	return co
end

-- Whether an active coroutine runs in the running task.
local function is_here(co)
	local at = coroutine.running()
	while at do
		if at == co then
			return true
		end
		at = known[at] == false and caller[at] or nil
	end
	return false
end

local function done(co, ok, ...)
	if coroutine.status(co) == "dead" then
		known[co] = nil
	else
		known[co] = true
	end
	return ok, ...
end

function skynetco.resume(co, ...)
	local state = known[co]
	if state == nil then
		if coroutine.status(co) == "dead" then
			return false, "cannot resume dead coroutine"
		end
		return false, "cannot resume none skynet coroutine"
	elseif state == false then
		if is_here(co) then
			return false, "cannot resume non-suspended coroutine"
		end
		return false, "cannot resume a skynet coroutine suspend by skynet framework"
	end
	local from = coroutine.running()
	known[co], caller[co], task[co] = false, from, task[from] or from
	return done(co, coroutine.resume(co, ...))
end

function skynetco.status(co)
	if known[co] == false and not is_here(co) then
		return "blocked"
	end
	return coroutine.status(co)
end

-- Returns the coroutine of the task that co (the running one by default) works for, and whether it is co itself.
function skynetco.thread(co)
	co = co or coroutine.running()
	if known[co] ~= nil then
		return task[co], false
	end
	return co, true
end

-- Whether co was made here.
function skynetco.isskynetcoroutine(co)
	return known[co] ~= nil
end

local function results(ok, ...)
	if ok then
		return ...
	end
	error(..., 0)
end

function skynetco.wrap(f)
	local co = skynetco.create(f)
	return function(...)
		return results(skynetco.resume(co, ...))
	end
end

function skynetco.close(co)
	known[co] = nil
	return coroutine.close(co)
end

return skynetco
