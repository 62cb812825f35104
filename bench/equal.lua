-- Every request is the same octets: one target, Host, nothing else. wrk renders it once.
-- Arguments: the authority for Host, the target.
function init(args)
   wrk.path = args[2]
   wrk.headers["Host"] = args[1]
end
