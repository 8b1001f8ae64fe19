-- For `wrk -s`: what it measured, as one line of JSON at the end of its output; times in microseconds.
done = function(summary, latency)
  local errors = summary.errors
  io.write(
    string.format(
      '\n{"requests":%d,"duration":%d,"p99":%d,"failed":%d}\n',
      summary.requests,
      summary.duration,
      latency:percentile(99),
      errors.connect + errors.read + errors.write + errors.status + errors.timeout
    )
  )
end
