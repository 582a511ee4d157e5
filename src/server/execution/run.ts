import {
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql';
import type { Given } from './arguments.ts';
import type { FieldPlan } from './plan.ts';
import { giveUp, type Holder, isGivenUp, pathOf, type Spot } from './spot.ts';
import type { Turn } from './turns.ts';

/** One operation while it is executed. */
export interface Run extends Given {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly rootValue: unknown;
  readonly context: unknown;
  readonly errors: GraphQLError[];
  readonly turn: Turn;
  /** Something is waited for, such as a promise: the operation goes on until each has been let go. */
  hold(): void;
  letGo(): void;
}

/** Where a value is put: under a key of an object or a list, which itself stands in a spot. */
export interface Slot {
  readonly field: FieldPlan;
  readonly spot: Spot;
  readonly holder: Holder;
  readonly key: string | number;
  readonly nullable: boolean;
}

/** Puts a value where it will be known later. Until then there is null, so that keys keep their order. */
export function fillLater<T>(run: Run, slot: Slot, promise: PromiseLike<T>, complete: (value: T) => unknown): void {
  slot.holder[slot.key] = null;
  run.hold();
  promise.then(
    (value) => run.turn.take(() => fillNow(run, slot, () => complete(value))),
    (error: unknown) => run.turn.take(() => fillNow(run, slot, () => raise(error))),
  );
}

/** Goes on with a list when others have had their turn. */
export function goOnLater(run: Run, slot: Slot, work: () => void): void {
  run.hold();
  run.turn.take(() => {
    tryToFill(run, slot, work);
    run.letGo();
  });
}

function fillNow(run: Run, slot: Slot, complete: () => unknown): void {
  tryToFill(run, slot, () => {
    slot.holder[slot.key] = complete();
  });
  run.letGo();
}

function tryToFill(run: Run, slot: Slot, work: () => void): void {
  if (isGivenUp(slot.spot)) return;
  try {
    work();
  } catch (error) {
    run.errors.push(placed(error, slot));
    if (slot.nullable) slot.holder[slot.key] = null;
    else giveUp(slot.spot);
  }
}

/** What became of a field or an item that failed at once: null, or what holds it fails with it. @throws GraphQLError */
export function failed(run: Run, error: unknown, slot: Slot): null {
  const known = placed(error, slot);
  if (!slot.nullable) {
    slot.spot.givenUp = true;
    throw known;
  }
  run.errors.push(known);
  return null;
}

function placed(error: unknown, { field, spot, key }: Slot): GraphQLError {
  const path: (string | number)[] = [key];
  for (let each = spot; each.within !== null; each = each.within) path.unshift(each.key);
  return locatedError(error, field.nodes, path);
}

function raise(error: unknown): never {
  throw error;
}

/** What a resolver is told of its field. Most ask for nothing of it, so that it is made when they do. */
export class FieldInfo implements GraphQLResolveInfo {
  readonly #run: Run;
  readonly #field: FieldPlan;
  readonly #spot: Spot;

  constructor(run: Run, field: FieldPlan, spot: Spot) {
    this.#run = run;
    this.#field = field;
    this.#spot = spot;
  }

  get fieldName() {
    return this.#field.definition.name;
  }
  get fieldNodes() {
    return this.#field.nodes;
  }
  get returnType() {
    return this.#field.definition.type;
  }
  get parentType() {
    return this.#field.parentType;
  }
  get path() {
    return pathOf(this.#spot, this.#field.name, this.#field.parentType.name);
  }
  get schema() {
    return this.#run.schema;
  }
  get fragments() {
    return this.#run.fragments;
  }
  get rootValue() {
    return this.#run.rootValue;
  }
  get operation() {
    return this.#run.operation;
  }
  get variableValues() {
    return { ...this.#run.variables };
  }
}
