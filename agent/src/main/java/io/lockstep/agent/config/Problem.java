package io.lockstep.agent.config;

/**
 * One thing that is wrong with a configuration or with the host it names.
 *
 * @param key the key as written in the file, with indexes: {@code trees[0].live}; empty when the whole file is meant
 * @param what what is wrong, with the value found
 * @param remedy what the operator does about it
 */
public record Problem(String key, String what, String remedy) {
    @Override
    public String toString() {
        return (key.isEmpty() ? "" : key + ": ") + what + ". " + remedy;
    }
}
