import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents for the tests, which talk to the gateway as a frontend would. Run by `npm run generate`, after the SDL is printed. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: ['test/documents/**/*.graphql', 'src/server/examples/**/*.graphql'],
  ignoreNoDocuments: false,
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, gqlTagName: 'gql' },
      config: {
        useTypeImports: true,
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          PhoneNumber: 'string',
          DateTime: 'string',
          Date: 'string',
          Decimal: 'string',
          CountryCode: 'string',
          CurrencyCode: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
