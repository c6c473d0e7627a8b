package io.lockstep.agent.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One look at a share's directory, which may take a given time: a share that hangs costs a thread of this command. */
sealed interface SharePeek {
    /** It is there. */
    record Seen(Path realPath, Set<String> names) implements SharePeek {}

    /** Nothing is there. */
    record Absent() implements SharePeek {}

    /** It can't be told. */
    record Unknown(String why) implements SharePeek {}

    static SharePeek at(Path share, Duration deadline) throws InterruptedException {
        var answer = new CompletableFuture<SharePeek>();
        var thread = new Thread(() -> answer.complete(look(share)), "lockstep-share-peek");
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Unknown(share + " does not answer");
        } catch (ExecutionException e) {
            return new Unknown(String.valueOf(e.getCause()));
        }
    }

    private static SharePeek look(Path share) {
        try (Stream<Path> first = Files.list(share)) {
            var names = first.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
            return new Seen(share.toRealPath(), names);
        } catch (NoSuchFileException e) {
            return new Absent();
        } catch (IOException | RuntimeException e) {
            return new Unknown(e.toString());
        }
    }
}
