-- Takes one from each of KEYS, or from none where one has nothing left. Each key holds the microsecond at which all of its
-- quota is there again; ARGV has two numbers for each key, interval and burst in microseconds. Answers how far each was
-- ahead before. Redis tells the time: the clocks of the nodes need not agree.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ahead = {}
local admitted = true
for i, key in ipairs(KEYS) do
    local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local full_at = tonumber(redis.call('GET', key) or now) or now
    ahead[i] = math.min(math.max(full_at - now, 0), burst)
    admitted = admitted and ahead[i] + interval <= burst
end
if admitted then
    for i, key in ipairs(KEYS) do
        local further = ahead[i] + tonumber(ARGV[2 * i - 1])
        -- Lua would write so large a number with an exponent.
        redis.call('SET', key, string.format('%.0f', now + further), 'PX', math.ceil(further / 1000))
    end
end
return ahead
