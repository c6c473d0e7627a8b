package io.lockstep.wire;

import io.lockstep.generation.ManifestWalk;
import java.util.List;

/** The answers to {@link TrieQuestions}, in their order; at most {@link ManifestWalk#MAX_QUESTIONS}. */
public record TrieAnswers(List<ManifestWalk.Answer> answers) {
    public TrieAnswers {
        answers = List.copyOf(answers);
        if (answers.size() > ManifestWalk.MAX_QUESTIONS) {
            throw new IllegalArgumentException(
                    "at most " + ManifestWalk.MAX_QUESTIONS + " answers at once, not " + answers.size());
        }
    }
}
