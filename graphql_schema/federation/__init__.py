"""The catalog as a subgraph of an Apollo Federation v2 (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas)."""
