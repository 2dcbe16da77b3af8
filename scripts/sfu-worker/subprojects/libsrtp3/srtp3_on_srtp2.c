/*
 * libsrtp 3's calls on libsrtp 2. Two things differ: the policy is an opaque object there and a plain struct
 * here, and packets are transformed from one buffer to another there and in place here.
 *
 * include/srtp.h is left out on purpose: the two libraries define the same type names. What the two sides must
 * agree on, the enums and the argument types, is stated in that header.
 */
#include <limits.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* RFC 3711 §3.4: SRTCP adds a 32-bit index, which SRTP_MAX_TRAILER_LEN does not count. */
#define SRTCP_INDEX_LEN 4

struct srtp3_policy {
  srtp_policy_t on_srtp2;
  unsigned char key[SRTP_MAX_KEY_LEN];
};
typedef struct srtp3_policy *srtp3_policy_t;

const char *srtp3_get_version_string(void) {
  return srtp_get_version_string();
}

srtp_err_status_t srtp3_init(void) {
  return srtp_init();
}

srtp_err_status_t srtp3_shutdown(void) {
  return srtp_shutdown();
}

srtp_err_status_t srtp3_install_event_handler(srtp_event_handler_func_t handler) {
  return srtp_install_event_handler(handler);
}

size_t srtp3_profile_get_master_key_length(srtp_profile_t profile) {
  return srtp_profile_get_master_key_length(profile);
}

size_t srtp3_profile_get_master_salt_length(srtp_profile_t profile) {
  return srtp_profile_get_master_salt_length(profile);
}

srtp_err_status_t srtp_policy_create(srtp3_policy_t *policy) {
  *policy = calloc(1, sizeof(struct srtp3_policy));
  return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

void srtp_policy_destroy(srtp3_policy_t policy) {
  if (!policy) {
    return;
  }

  /* volatile: a plain memset before free may be optimized away, and the key would stay in memory. */
  volatile unsigned char *key = policy->key;
  for (size_t i = 0; i < sizeof(policy->key); i++) {
    key[i] = 0;
  }
  free(policy);
}

srtp_err_status_t srtp_policy_set_ssrc(srtp3_policy_t policy, srtp_ssrc_t ssrc) {
  policy->on_srtp2.ssrc = ssrc;
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_profile(srtp3_policy_t policy, srtp_profile_t profile) {
  srtp_err_status_t status =
      srtp_crypto_policy_set_from_profile_for_rtp(&policy->on_srtp2.rtp, profile);
  if (status) {
    return status;
  }
  return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->on_srtp2.rtcp, profile);
}

srtp_err_status_t srtp_policy_add_key(
    srtp3_policy_t policy,
    const uint8_t *key, size_t key_len,
    const uint8_t *salt, size_t salt_len,
    const uint8_t *mki, size_t mki_len) {
  (void)mki;
  /* The worker uses no MKI; accepting one and dropping it would be worse than refusing. */
  if (mki_len != 0) {
    return srtp_err_status_bad_param;
  }
  if (key_len > sizeof(policy->key) || salt_len > sizeof(policy->key) - key_len) {
    return srtp_err_status_bad_param;
  }

  /* libsrtp 2 reads the salt right behind the key. */
  memcpy(policy->key, key, key_len);
  memcpy(policy->key + key_len, salt, salt_len);
  policy->on_srtp2.key = policy->key;
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp3_policy_t policy, bool allow) {
  policy->on_srtp2.allow_repeat_tx = allow;
  return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_window_size(srtp3_policy_t policy, size_t size) {
  policy->on_srtp2.window_size = size;
  return srtp_err_status_ok;
}

/* libsrtp 2 copies what it needs of the policy: the caller may destroy it right after. */
srtp_err_status_t srtp3_create(srtp_t *session, const srtp3_policy_t policy) {
  return srtp_create(session, &policy->on_srtp2);
}

srtp_err_status_t srtp3_dealloc(srtp_t session) {
  return srtp_dealloc(session);
}

/* Both versions take the SSRC in network order, as the worker passes it. */
srtp_err_status_t srtp3_stream_remove(srtp_t session, uint32_t ssrc) {
  return srtp_remove_stream(session, ssrc);
}

typedef srtp_err_status_t (*in_place_transform)(srtp_t session, void *packet, int *len);

/* `growth` is how many bytes the transform may add behind the packet. */
static srtp_err_status_t transform(
    in_place_transform apply,
    size_t growth,
    srtp_t session,
    const uint8_t *in, size_t in_len,
    uint8_t *out, size_t *out_len) {
  if (in_len > INT_MAX - growth || *out_len < in_len + growth) {
    return srtp_err_status_bad_param;
  }
  if (out != in) {
    memmove(out, in, in_len);
  }

  int len = (int)in_len;
  srtp_err_status_t status = apply(session, out, &len);
  if (!status) {
    *out_len = (size_t)len;
  }
  return status;
}

srtp_err_status_t srtp3_protect(
    srtp_t session, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len, size_t mki_index) {
  (void)mki_index;
  return transform(srtp_protect, SRTP_MAX_TRAILER_LEN, session, in, in_len, out, out_len);
}

srtp_err_status_t srtp3_unprotect(
    srtp_t session, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len) {
  return transform(srtp_unprotect, 0, session, in, in_len, out, out_len);
}

srtp_err_status_t srtp3_protect_rtcp(
    srtp_t session, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len, size_t mki_index) {
  (void)mki_index;
  return transform(
      srtp_protect_rtcp, SRTP_MAX_TRAILER_LEN + SRTCP_INDEX_LEN, session, in, in_len, out, out_len);
}

srtp_err_status_t srtp3_unprotect_rtcp(
    srtp_t session, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len) {
  return transform(srtp_unprotect_rtcp, 0, session, in, in_len, out, out_len);
}
