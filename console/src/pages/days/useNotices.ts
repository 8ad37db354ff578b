/** What groups were told of a day, and telling one again. */
import { useLingui } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { RobotNotice, RobotNoticeList } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

const MOVING_MS = 2_000;
const RESTING_MS = 30_000;

export function useNotices(day: string) {
  return useQuery({
    queryKey: [...keys.days, "notices", day],
    queryFn: () =>
      answer<RobotNoticeList>(
        api.GET("/api/v1/summaries/{day}/notices", { params: { path: { day } } }),
      ),
    refetchInterval: (query) =>
      query.state.data?.items.some((one) => one.state === "waiting" || one.state === "sending")
        ? MOVING_MS
        : RESTING_MS,
  });
}

export function useTellAgain(day: string) {
  const { t } = useLingui();
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (one: RobotNotice) =>
      answer<RobotNotice>(
        api.POST("/api/v1/summaries/{day}/notices/{robot}", {
          params: { path: { day, robot: one.robot } },
          body: { edition: one.edition },
        }),
      ),
    onSuccess: () => feedback.done(t`已开始发送`),
    onError: (error) => feedback.failed(error),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.days }),
  });
}
