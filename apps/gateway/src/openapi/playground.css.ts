/** What Swagger UI lays out in columns stands one below the other where the screen is narrow: no page is wider than a phone. */
export const playgroundCss = `
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 10px; }
  .swagger-ui .opblock-body pre.microlight, .swagger-ui .model-box { overflow-x: auto; }
  .swagger-ui .parameters-container, .swagger-ui .responses-inner { padding: 10px; overflow-x: auto; }
  .swagger-ui :is(.parameters, .responses-table, .headers, .live-responses-table),
  .swagger-ui :is(.parameters, .responses-table, .headers, .live-responses-table) :is(tbody, tr, td) {
    display: block;
    min-width: 0;
    width: auto;
  }
  .swagger-ui :is(.parameters, .responses-table, .headers) > thead, .swagger-ui td.response-col_links { display: none; }
  .swagger-ui .parameters td, .swagger-ui .responses-table td { padding: 5px 0; }
  .swagger-ui .parameters :is(input, select, textarea) { width: 100%; min-width: 0; max-width: none; }
  .swagger-ui :is(.renderedMarkdown, .headers td, .opblock-summary-path) { overflow-wrap: anywhere; }
}
`;
