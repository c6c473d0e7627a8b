package io.lockstep.agent.app;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks the one class that may ask the system for the time; see .mvn/forbidden-apis.txt. */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
@interface ClockAdapter {}
