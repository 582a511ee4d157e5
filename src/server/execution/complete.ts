import {
  defaultTypeResolver,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
} from 'graphql';
import type { FieldPlan, Shape } from './plan.ts';
import { FieldInfo, failed, fillLater, goOnLater, type Run, type Slot } from './run.ts';
import type { Holder, Spot } from './spot.ts';

/** Resolves a field of an object, and puts what it is into the answer, now or later. @throws GraphQLError where that holds more than the field. */
export function executeField(run: Run, field: FieldPlan, source: unknown, spot: Spot, object: Holder): void {
  const { name, shape } = field;
  run.turn.count();
  try {
    const info = new FieldInfo(run, field, spot);
    const value = field.resolve(source, field.arguments(run), run.context, info);
    if (isPromise(value)) {
      const slot = { field, spot, holder: object, key: name, nullable: shape.nullable };
      fillLater(run, slot, value, (known) => complete(run, shape, known, slot, info));
    } else if (shape.kind === 'leaf') {
      object[name] = completeLeaf(shape, value, field);
    } else {
      const slot = { field, spot, holder: object, key: name, nullable: shape.nullable };
      object[name] = complete(run, shape, value, slot, info);
    }
  } catch (error) {
    object[name] = failed(run, error, { field, spot, holder: object, key: name, nullable: shape.nullable });
  }
}

function complete(run: Run, shape: Shape, value: unknown, slot: Slot, info: GraphQLResolveInfo): unknown {
  if (shape.kind === 'leaf') return completeLeaf(shape, value, slot.field);
  if (value instanceof Error) throw value;
  if (value === null || value === undefined) return nothing(shape, slot.field);
  if (shape.kind === 'list') return completeList(run, shape, value, slot, info);
  if (shape.kind === 'object') return completeObject(run, shape, shape.type, value, slot, info);
  const { type } = shape;
  const named = (type.resolveType ?? defaultTypeResolver)(value, run.context, info, type);
  const completeNamed = (name: unknown) => {
    const resolved = typeof name === 'string' ? run.schema.getType(name) : undefined;
    if (!isObjectType(resolved) || !run.schema.isSubType(type, resolved))
      throw new GraphQLError(`"${String(name)}" is no type of a "${type.name}" for ${nameOf(slot.field)}.`);
    return completeObject(run, shape, resolved, value, slot, info);
  };
  return isPromise(named) ? later(run, slot, named, completeNamed) : completeNamed(named);
}

function completeLeaf(shape: Shape & { readonly kind: 'leaf' }, value: unknown, field: FieldPlan): unknown {
  if (value instanceof Error) throw value;
  if (value === null || value === undefined) return nothing(shape, field);
  const serialized = shape.type.serialize(value);
  if (serialized === null || serialized === undefined)
    throw new Error(`"${shape.type.name}" made nothing of the value of ${nameOf(field)}.`);
  return serialized;
}

function completeList(
  run: Run,
  shape: Shape & { readonly kind: 'list' },
  value: unknown,
  slot: Slot,
  info: GraphQLResolveInfo,
): unknown[] {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value))
    throw new GraphQLError(`${nameOf(slot.field)} gave no list.`);
  const values = Array.isArray(value) ? value : Array.from(value as Iterable<unknown>);
  const list: unknown[] = [];
  const spot = spotOf(slot);
  const { item } = shape;
  const completeItem = (index: number) => {
    const own = { field: slot.field, spot, holder: list as unknown as Holder, key: index, nullable: item.nullable };
    try {
      const each: unknown = values[index];
      if (isPromise(each)) fillLater(run, own, each, (known) => complete(run, item, known, own, info));
      else list[index] = complete(run, item, each, own, info);
    } catch (error) {
      list[index] = failed(run, error, own);
    }
  };
  const completeFrom = (start: number) => {
    let index = start;
    try {
      while (index < values.length && !run.turn.isOver()) completeItem(index++);
    } finally {
      // Whether they are waited for later or not any more: a rejection that nobody looks at would end the process.
      for (const each of values.slice(index)) if (isPromise(each)) each.then(undefined, () => undefined);
    }
    if (index < values.length) goOnLater(run, slot, () => completeFrom(index));
  };
  completeFrom(0);
  return list;
}

function completeObject(
  run: Run,
  shape: Shape & { readonly kind: 'object' | 'abstract' },
  type: GraphQLObjectType,
  value: unknown,
  slot: Slot,
  info: GraphQLResolveInfo,
): unknown {
  const completeOwn = (isOfType: boolean) => {
    if (!isOfType) throw new GraphQLError(`${nameOf(slot.field)} gave no "${type.name}".`);
    const { fields, make } = shape.fieldsOf(type);
    const object = make();
    const spot = spotOf(slot);
    for (const field of fields) executeField(run, field, value, spot, object);
    return object;
  };
  const isOfType = type.isTypeOf?.(value, run.context, info) ?? true;
  return isPromise(isOfType) ? later(run, slot, isOfType, completeOwn) : completeOwn(isOfType);
}

function later<T>(run: Run, slot: Slot, promise: PromiseLike<T>, completeWith: (value: T) => unknown): null {
  fillLater(run, slot, promise, completeWith);
  return null;
}

function nothing({ nullable }: Shape, { parentType, definition }: FieldPlan): null {
  if (nullable) return null;
  throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${definition.name}.`);
}

/** Where an object or list stands that is put into a slot. */
function spotOf({ field, spot, holder, key, nullable }: Slot): Spot {
  const typename = typeof key === 'string' ? field.parentType.name : undefined;
  return { within: spot, holder, key, typename, nullable, givenUp: false };
}

function nameOf({ parentType, definition }: FieldPlan): string {
  return `${parentType.name}.${definition.name}`;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}
