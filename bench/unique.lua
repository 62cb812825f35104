-- No two requests ask for the same URL: a counter ends each target.
-- Arguments: the authority for Host, what every target begins with.
local before, after
local count = 0

function init(args)
   before = "GET " .. args[2]
   after = " HTTP/1.1\r\nHost: " .. args[1] .. "\r\n\r\n"
end

function request()
   count = count + 1
   return before .. count .. after
end
