package io.lockstep.agent.gateway;

import io.lockstep.generation.HeldBack;

/** What a look into content found. */
public sealed interface Verdict {
    /** Nothing is wrong with it, as far as its kind can be judged. */
    record Valid() implements Verdict {}

    /**
     * No Gateway can deploy it, or none should.
     *
     * @param detail what exactly is wrong, for people
     */
    record Invalid(HeldBack.Why why, String detail) implements Verdict {}

    /** It can't be judged: nothing is known of its kind, or it is beyond a limit. */
    record NotChecked(String reason) implements Verdict {}
}
