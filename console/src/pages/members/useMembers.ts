/** Users and API tokens, and what may be done with them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Permission, Role, RoleFacts, Token, User } from "@/api/types";
import { useFeedback } from "@/kit/useFeedback";
import { keys } from "@/live/invalidate";

export interface UserList {
  items: User[];
  roles: RoleFacts[];
}

export interface TokenList {
  items: Token[];
  scopes: { code: Permission; label: string }[];
}

export function useUsers() {
  return useQuery({
    queryKey: keys.users,
    queryFn: () => answer<UserList>(api.GET("/api/v1/users")),
  });
}

export function useTokens() {
  return useQuery({
    queryKey: keys.tokens,
    queryFn: () => answer<TokenList>(api.GET("/api/v1/tokens")),
  });
}

export interface NewUser {
  username: string;
  name: string;
  role: Role;
  password: string;
}

export function useAddUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (user: NewUser) => answer<User>(api.POST("/api/v1/users", { body: user })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.users }),
  });
}

export interface UserChange {
  id: string;
  role?: Role;
  is_disabled?: boolean;
  password?: string;
}

export function useChangeUser() {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: ({ id, ...body }: UserChange) =>
      answer<User>(
        api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: id } }, body }),
      ),
    // The last IT admin cannot be disabled or given another role: the server says so.
    onError: (error) => feedback.failed(error),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.users });
      void client.invalidateQueries({ queryKey: keys.me });
    },
  });
}

export interface NewToken {
  name: string;
  scopes: Permission[];
  expires_at: string | null;
}

export function useAddToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: NewToken) => answer(api.POST("/api/v1/tokens", { body: token })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  const feedback = useFeedback();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: id } } })),
    onError: (error) => feedback.failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}
