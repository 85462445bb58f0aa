-- Row of policy:settings, policy:rev; nil where there is none.
return {redis.call('HGET', 'policy:settings', 'row'),
        redis.call('GET', 'policy:rev')}
