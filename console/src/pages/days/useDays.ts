/** A day's summary and certificates, and the deeds on them. */
import { useLingui } from "@lingui/react/macro";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { CertificateDays, CertificateDetail, CertificateGap, DailySummary } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

/** Money moves all day long; hints tell of certificates, the sums are asked for again. */
const AGAIN_MS = 30_000;

export function useSummary(day: string) {
  return useQuery({
    queryKey: [...keys.days, "summary", day],
    queryFn: () =>
      answer<DailySummary>(api.GET("/api/v1/summaries/{day}", { params: { path: { day } } })),
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
  });
}

export function useCertificates(day: string) {
  return useQuery({
    queryKey: [...keys.days, "certificates", day],
    queryFn: () =>
      answer<CertificateDays>(
        api.GET("/api/v1/certificates", { params: { query: { until: day, days: 1 } } }),
      ),
  });
}

export function useCertificate(shopId: string, day: string) {
  return useQuery({
    queryKey: [...keys.days, "certificate", day, shopId],
    queryFn: () =>
      answer<CertificateDetail>(
        api.GET("/api/v1/certificates/{shop_id}/{day}", {
          params: { path: { shop_id: shopId, day } },
        }),
      ),
  });
}

export function useCompare(day: string) {
  const { t } = useLingui();
  const refresh = useRefresh();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (shopId: string | null) =>
      answer<{ started: number }>(
        api.POST("/api/v1/certificates", { body: { day, shop_id: shopId } }),
      ),
    onSuccess: ({ started }) =>
      feedback.done(started > 0 ? t`已开始核对` : t`正在核对，完成后会自动更新`),
    onError: (error) => feedback.failed(error),
    onSettled: refresh,
  });
}

export function useRepair(shopId: string, day: string) {
  const { t } = useLingui();
  const refresh = useRefresh();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (gap: CertificateGap) =>
      answer<{ started: number }>(
        api.POST("/api/v1/certificates/{shop_id}/{day}/repairs", {
          params: { path: { shop_id: shopId, day } },
          body: { kind: gap.kind, number: gap.number },
        }),
      ),
    onSuccess: () => feedback.done(t`已开始修复，随后自动重新核对`),
    onError: (error) => feedback.failed(error),
    onSettled: refresh,
  });
}

function useRefresh() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: keys.days });
}
