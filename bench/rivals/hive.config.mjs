// Hive Gateway as it is, without the two ways in which requests under way share one answer.
export const gatewayConfig = {
  inboundInflightRequestDeduplication: false,
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
};
