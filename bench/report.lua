-- Appended to every script: the run's figures as one line of JSON. Times are microseconds.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\nreport {"requests": %d, "octets": %.0f, "microseconds": %.0f, "p50": %.0f, "p99": %.0f, "connect": %d, '
         .. '"read": %d, "write": %d, "timeout": %d, "status": %d}\n',
      summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
