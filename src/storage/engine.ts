/** Which database the tables live in. Queries are the same on both; only migrations and connections differ. */
export type Engine = 'sqlite' | 'postgres';
