package io.lockstep.wire;

import io.lockstep.generation.ManifestWalk;
import java.util.List;

/** The answers to {@link TrieQuestions}, in their order. */
public record TrieAnswers(List<ManifestWalk.Answer> answers) {
    public TrieAnswers {
        answers = List.copyOf(answers);
    }
}
